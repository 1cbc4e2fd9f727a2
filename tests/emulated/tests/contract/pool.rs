//! A user pool whose groups count: who may review is often known there before they first come.

use infra_aws::People;
use tests::builders::{email, group, person, project};
use tests_emulated::{Installation, Way};
use workflow::ports::People as _;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_of_a_pools_group_are_members_unless_somebody_shut_them_out() {
    let mut installation = Box::pin(Installation::whole(Way::Straight)).await;
    let pool = Pool::make(&installation.straight.cognito).await;
    for address in ["new@example.org", "known@example.org", "gone@example.org", "out@example.org"] {
        pool.enter(address, "reviewers").await;
    }
    pool.disable("gone@example.org").await;
    installation.settings.user_pool = Some(pool.id.clone());
    let people = People::new(&installation.settings, &installation.clients);
    people.save(&person("known@example.org").in_group("operators").build()).await.unwrap();
    people.save(&person("out@example.org").disabled().build()).await.unwrap();
    people.save(&person("local@example.org").in_group("reviewers").build()).await.unwrap();
    let members = people.members(&group("reviewers"), Some(&project("p-1"))).await.unwrap();
    let addresses: Vec<_> = members.iter().map(|member| member.who.email.as_str()).collect();
    assert_eq!(addresses, ["known@example.org", "local@example.org", "new@example.org"]);
    assert!(members[0].is_anywhere_in("operators"), "what the directory knows of somebody stays");
    assert!(members[2].who.verified_emails.contains(&email("new@example.org")));
    assert_eq!(people.members(&group("nobody"), None).await.unwrap(), []);
}

struct Pool {
    client: aws_sdk_cognitoidentityprovider::Client,
    id: String,
}

impl Pool {
    async fn make(client: &aws_sdk_cognitoidentityprovider::Client) -> Self {
        let made = client.create_user_pool().pool_name("lockgate").send().await.unwrap();
        let id = made.user_pool.unwrap().id.unwrap();
        client.create_group().user_pool_id(&id).group_name("reviewers").send().await.unwrap();
        Self { client: client.clone(), id }
    }

    async fn enter(&self, address: &str, group: &str) {
        use aws_sdk_cognitoidentityprovider::types::AttributeType;
        let attribute = |name: &str, value: &str| AttributeType::builder().name(name).value(value).build().unwrap();
        let call = self.client.admin_create_user().user_pool_id(&self.id).username(address);
        let call =
            call.user_attributes(attribute("email", address)).user_attributes(attribute("email_verified", "true"));
        call.send().await.unwrap();
        let call = self.client.admin_add_user_to_group().user_pool_id(&self.id).username(address);
        call.group_name(group).send().await.unwrap();
    }

    async fn disable(&self, address: &str) {
        self.client.admin_disable_user().user_pool_id(&self.id).username(address).send().await.unwrap();
    }
}
