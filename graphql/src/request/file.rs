//! The files of a round, page by page.

use async_graphql::{ComplexObject, Enum, Result, SimpleObject};
use workflow::actions::list_files::{self, Listed};
use workflow::domain::content::Content;
use workflow::domain::permission::MayView;
use workflow::domain::request::Request;

use crate::call;
use crate::context::Context;
use crate::fault::fault;
use crate::page::{self, PageInfo};
use crate::scalar::Long;

/// What a file holds, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Content", name = "Content")]
pub(crate) enum ContentWord {
    /// Nothing.
    Empty,
    /// Characters, as far as its beginning says: tables and markup, too.
    Text,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A GIF picture.
    Gif,
    /// A WebP picture.
    Webp,
    /// A PDF document.
    Pdf,
    /// A zip archive, as documents and spreadsheets are.
    Zip,
    /// Compressed in a way that hides what is in it.
    Compressed,
    /// Something that runs.
    Program,
    /// Other bytes.
    Other,
}

/// A file.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub(crate) struct File {
    /// Its place in the manifest, from 0: what names it within its round.
    index: u32,
    /// The path under which it will leave.
    path: String,
    /// The name that it was submitted under, where that had to be made portable.
    submitted_as: Option<String>,
    /// Bytes: as measured once it is frozen, as declared before.
    size: Long,
    /// The digest of its bytes, once it is frozen.
    digest: Option<String>,
    #[graphql(skip)]
    listed: Listed,
    #[graphql(skip)]
    may: MayView,
}

#[ComplexObject]
impl File {
    /// What it holds, told by its first bytes; none before it is frozen, and once its bytes are deleted.
    async fn content(&self, ctx: &async_graphql::Context<'_>) -> Result<Option<ContentWord>> {
        Ok(list_files::content(&call(ctx)?.ports, &self.may, &self.listed).await.map(ContentWord::from))
    }
}

/// A page of files.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct FileConnection {
    /// The files.
    nodes: Vec<File>,
    /// Where the page ends.
    page_info: PageInfo,
    /// How many there are in all.
    total: Long,
}

impl FileConnection {
    pub(super) fn none() -> Self {
        Self { nodes: Vec::new(), page_info: PageInfo::ending_at(None), total: Long(0) }
    }
}

impl File {
    fn new(listed: Listed, may: &MayView) -> Self {
        Self {
            index: u32::try_from(listed.index).unwrap_or(u32::MAX),
            path: listed.path.clone(),
            submitted_as: listed.submitted_as.clone(),
            size: listed.size.into(),
            digest: listed.digest.map(|digest| digest.to_string()),
            may: may.clone(),
            listed,
        }
    }
}

/// A cursor that no page named begins at the beginning: there is nothing in it to be told.
pub(super) async fn files(
    call: &Context,
    may: &MayView,
    of: (&Request, u32),
    (first, after): (i32, Option<String>),
) -> Result<FileConnection> {
    let from: usize = after.and_then(|cursor| page::decode(&cursor).ok()).unwrap_or(0);
    let found = list_files::run(&call.ports, may, of, (from, page::rows(first))).await;
    let found = found.map_err(|error| fault(call, &error))?;
    let next = from.saturating_add(found.files.len());
    let cursor = (next < found.total && !found.files.is_empty()).then(|| page::encode(&next));
    Ok(FileConnection {
        nodes: found.files.into_iter().map(|file| File::new(file, may)).collect(),
        page_info: PageInfo::ending_at(cursor),
        total: u64::try_from(found.total).unwrap_or(u64::MAX).into(),
    })
}
