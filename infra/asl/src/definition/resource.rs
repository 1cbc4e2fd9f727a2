use std::fmt;

/// What a task asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A function by its ARN; its input is the task's whole payload.
    Function(String),
    /// An activity by its ARN, polled for by a worker.
    Activity(String),
    /// A call of a service, such as `lambda:invoke`.
    Service {
        /// `lambda`
        service: String,
        /// `invoke`
        action: String,
        /// Whether the answer of the call ends the task.
        pattern: Pattern,
    },
}

/// When a service task is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// When the call was answered.
    Respond,
    /// When the job that the call started is over (`.sync`).
    Finish(SyncVersion),
    /// When somebody hands in the task's token (`.waitForTaskToken`).
    WaitForTaskToken,
}

/// Which `.sync` it is: the second parses the output of the job as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncVersion {
    /// `.sync`
    One,
    /// `.sync:2`
    Two,
}

/// Which tasks the caller is able to perform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Services {
    /// Functions only: `lambda:invoke`, `lambda:invoke.waitForTaskToken`, plain function ARNs.
    Functions,
    /// Any resource that is well-formed: the caller performs what it is asked for, or fails the task.
    All,
}

impl Resource {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let ["arn", _, owner, region, account, rest] = parts.as_slice() else { return None };
        match (*owner, *region, *account) {
            ("states", "", "") => service(rest),
            ("states", _, _) if rest.starts_with("activity:") => Some(Self::Activity(text.to_owned())),
            ("lambda", _, _) if rest.starts_with("function:") => Some(Self::Function(text.to_owned())),
            _ => None,
        }
    }

    /// Whether the task has a token: it goes on after the call that began it was answered.
    pub fn has_token(&self) -> bool {
        match self {
            Self::Function(_) => false,
            Self::Activity(_) => true,
            Self::Service { pattern, .. } => *pattern != Pattern::Respond,
        }
    }

    pub(crate) fn is_function(&self) -> bool {
        match self {
            Self::Function(_) => true,
            Self::Activity(_) => false,
            Self::Service { service, action, pattern } => {
                service == "lambda" && action == "invoke" && !matches!(pattern, Pattern::Finish(_))
            }
        }
    }

    /// What the history calls it: the ARN, or the action with its suffix.
    pub(crate) fn action(&self) -> String {
        match self {
            Self::Function(arn) | Self::Activity(arn) => arn.clone(),
            Self::Service { action, pattern, .. } => format!("{action}{pattern}"),
        }
    }
}

fn service(rest: &str) -> Option<Resource> {
    let (call, pattern) = match rest.rsplit_once('.') {
        None => (rest, Pattern::Respond),
        Some((call, "sync")) => (call, Pattern::Finish(SyncVersion::One)),
        Some((call, "sync:2")) => (call, Pattern::Finish(SyncVersion::Two)),
        Some((call, "waitForTaskToken")) => (call, Pattern::WaitForTaskToken),
        Some(_) => return None,
    };
    let (service, action) = call.rsplit_once(':')?;
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-:".contains(c));
    (word(service) && word(action)).then(|| Resource::Service {
        service: service.to_owned(),
        action: action.to_owned(),
        pattern,
    })
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Respond => "",
            Self::Finish(SyncVersion::One) => ".sync",
            Self::Finish(SyncVersion::Two) => ".sync:2",
            Self::WaitForTaskToken => ".waitForTaskToken",
        })
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(arn) | Self::Activity(arn) => f.write_str(arn),
            Self::Service { service, action, pattern } => write!(f, "arn:aws:states:::{service}:{action}{pattern}"),
        }
    }
}
