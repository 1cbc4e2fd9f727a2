"""How schemathesis makes values of the scalars that are our own."""
import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

schemathesis.graphql.scalar("DateTime", st.datetimes().map(lambda at: at.isoformat() + "Z").map(nodes.String))
schemathesis.graphql.scalar("Long", st.integers(min_value=0, max_value=2**53 - 1).map(nodes.Int))
