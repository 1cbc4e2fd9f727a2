"""How schemathesis makes values of the scalars that are our own: right ones, and ones that are nearly right."""
import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

schemathesis.graphql.scalar(
    "DateTime",
    st.one_of(
        st.datetimes().map(lambda at: at.isoformat() + "Z"),
        st.sampled_from(["", "now", "2026-13-01T00:00:00Z", "-009999-01-02T01:59:59Z", "9999-12-31T23:59:59.999999999Z"]),
    ).map(nodes.String),
)
schemathesis.graphql.scalar("Long", st.integers(min_value=-1, max_value=2**64).map(nodes.Int))
