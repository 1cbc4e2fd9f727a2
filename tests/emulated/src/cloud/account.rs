//! Accounts of the user pool.

use std::collections::BTreeMap;

use aws_sdk_cognitoidentityprovider::types::AuthFlowType;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use workflow::domain::person::Identity;

use super::Cloud;

const PASSWORD: &str = "A long enough password, 1";

/// Where a function finds the pool's keys here: the stand-in shows them itself.
pub(super) fn look_up_keys_at(environment: &mut BTreeMap<String, String>, services: &str) {
    if let Some(address) = environment.get_mut("LOCKGATE_TOKEN_KEYS_URL") {
        let pool = address.trim_end_matches("/.well-known/jwks.json").rsplit('/').next().unwrap_or_default();
        *address = format!("{services}/{pool}/.well-known/jwks.json");
    }
}

/// Somebody who signed in.
pub struct SignedIn {
    /// The identity token.
    pub token: String,
    /// Whom it is of.
    pub identity: Identity,
}

impl Cloud {
    /// Gives somebody whom the directory knows an account in a group, and signs them in.
    pub async fn sign_in(&self, address: &str, group: &str) -> SignedIn {
        let cognito = &self.clients.cognito;
        let create = cognito.admin_create_user().user_pool_id(&self.pool).username(address);
        create.send().await.expect("an account");
        let set = cognito.admin_set_user_password().user_pool_id(&self.pool).username(address);
        set.password(PASSWORD).permanent(true).send().await.expect("a password");
        let add = cognito.admin_add_user_to_group().user_pool_id(&self.pool).username(address);
        add.group_name(group).send().await.expect("a group");
        let start = cognito.admin_initiate_auth().user_pool_id(&self.pool).client_id(&self.client);
        let start = start.auth_flow(AuthFlowType::AdminUserPasswordAuth);
        let start = start.auth_parameters("USERNAME", address).auth_parameters("PASSWORD", PASSWORD);
        let answer = start.send().await.expect("a sign-in").authentication_result.expect("tokens");
        let token = answer.id_token.expect("an identity token");
        let claims = claims(&token);
        let text = |name: &str| claims[name].as_str().expect("a claim").to_owned();
        let identity = Identity { issuer: text("iss"), subject: text("sub") };
        self.know(address, identity.clone()).await;
        SignedIn { token, identity }
    }

    /// Enters an account in the directory: the stand-in's tokens name no address by which it would be found.
    async fn know(&self, address: &str, identity: Identity) {
        let email = tests::builders::email(address);
        let mut person = self.ports.people.by_email(&email).await.expect("the directory").expect("they are known");
        person.who.identities.insert(identity);
        self.ports.people.save(&person).await.expect("they are entered");
    }
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("Base64")).expect("JSON")
}
