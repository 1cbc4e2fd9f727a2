//! The stand-in for `DynamoDB`: dynoxide, which keeps its rows in memory and is right about conditions and transactions.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::program::{Program, tool};

/// A stand-in on a port of its own.
pub struct Dynamo {
    /// Its address.
    pub url: String,
    _program: Program,
}

/// As long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

impl Dynamo {
    /// Starts one without tables, and waits until it answers.
    pub async fn start() -> Self {
        for _ in 0..5 {
            let port = free_port();
            let text = port.to_string();
            let arguments = ["serve", "--port", &text, "--log", "quiet"];
            let mut program = Program::start_watched(&tool("bin/dynoxide"), &arguments);
            if answers(port, &mut program).await {
                return Self { url: format!("http://127.0.0.1:{port}"), _program: program };
            }
        }
        panic!("dynoxide does not start");
    }
}

/// A port that nobody uses. It takes no port 0 by itself; should another be faster, the next attempt finds another one.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

async fn answers(port: u16, program: &mut Program) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return true;
        }
        if program.has_ended() {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}
