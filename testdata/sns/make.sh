#!/bin/sh
# Makes the certificates and signed messages of this folder anew: an authority of our own in SNS's place. Needs openssl.
set -eu
cd "$(dirname "$0")"
topic=arn:aws:sns:eu-west-2:111122223333:demo-ldn-tre-EgressTopic
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

certificate() { # name
    openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -keyout "$work/$1.key" -out "$1.pem" -subj "/CN=sns.$1.example" 2>/dev/null
}
certificate good
certificate other
# One that ended: `req` cannot set the first day everywhere, `ca` can.
openssl req -newkey rsa:2048 -nodes -keyout "$work/expired.key" -out "$work/expired.csr" -subj "/CN=sns.expired.example" 2>/dev/null
: >"$work/index"
cat >"$work/ca.conf" <<CONF
[ca]
default_ca = here
[here]
database = $work/index
new_certs_dir = $work
rand_serial = yes
policy = any
[any]
commonName = supplied
CONF
openssl ca -batch -selfsign -config "$work/ca.conf" -md sha256 -keyfile "$work/expired.key" -in "$work/expired.csr" \
    -startdate 20200101000000Z -enddate 20210101000000Z -notext -out expired.pem 2>/dev/null

python3 - "$topic" "$work" <<'PY'
import json, subprocess, sys
topic, work = sys.argv[1:]
notice = json.load(open("../platform/notice.json"))
notice["id"] = "7d9f3c52-3c5f-4d51-9a53-0c7d0a5f5e11"
base = {"MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", "TopicArn": topic, "Timestamp": "2026-11-22T09:00:00.000Z"}
link = "https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=" + topic + "&Token=canary-confirmation"
kinds = {
    "notification": dict(base, Type="Notification", Message=json.dumps(notice)),
    "subject": dict(base, Type="Notification", Message=json.dumps(notice), Subject="Egress"),
    "confirmation": dict(base, Type="SubscriptionConfirmation", Message="You have chosen to subscribe.",
                         Token="canary-confirmation", SubscribeURL=link),
}
order = {"Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
         "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]}
for name, message in kinds.items():
    for version, digest in (("1", "sha1"), ("2", "sha256")):
        for key in ("good", "expired", "other"):
            if key != "good" and name != "notification":
                continue
            text = "".join(f"{field}\n{message[field]}\n" for field in order[message["Type"]] if field in message)
            made = subprocess.run(["openssl", "dgst", "-" + digest, "-sign", f"{work}/{key}.key"],
                                  input=text.encode(), capture_output=True, check=True).stdout
            encoded = subprocess.run(["openssl", "base64", "-A"], input=made, capture_output=True, check=True).stdout
            envelope = dict(message, SignatureVersion=version, Signature=encoded.decode(),
                            SigningCertURL="https://sns.eu-west-2.amazonaws.com/cert.pem")
            with open(f"{name}-{key}-v{version}.json", "w") as file:
                json.dump(envelope, file, indent=2)
                file.write("\n")
PY
