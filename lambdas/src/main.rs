//! The functions of the AWS house.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambdas::serve().await
}
