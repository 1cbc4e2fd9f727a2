//! Objects that are put together from parts, and published whole.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};
use std::io::Write;
use workflow::ports::object_store::{Measured, ObjectVersion, Part, Place};
use workflow::ports::{Kind, PortError, PortResult};

use super::blob::{check_place, conflict};
use super::garbage::names_in;
use super::location::Owner;
use super::measure::{self, Measure};
use super::row::{self, Inserted, Stored};
use super::{ObjectStore, PORT};
use crate::database::Error;
use crate::disk::{Disk, Draft};
use crate::failure::{OfPort, blocking};

/// A part with the file that holds it.
pub(super) struct Kept {
    pub(super) part: Part,
    file: String,
}

impl ObjectStore {
    fn assembly_folder(&self, assembly: &str) -> PathBuf {
        self.root().join("assemblies").join(assembly)
    }

    pub(super) async fn begin_assembly(&self, place: &Place) -> PortResult<String> {
        check_place(place)?;
        let id = self.ground.ids.name().simple().to_string();
        let (row, owner, now) = (id.clone(), place.owner, self.now());
        let begun = self.write_rows("begin an assembly", move |c| insert_assembly(c, &row, owner, now));
        begun.await?;
        Ok(id)
    }

    pub(super) async fn put_assembly_part(&self, assembly: &str, number: u32, bytes: Bytes) -> PortResult<Part> {
        self.ground.require_room(bytes.len() as u64, "put a part")?;
        // Also refuses names that are none of ours, before one becomes a path.
        self.assembly_parts(assembly).await?;
        let file = format!("{number}-{}", self.ground.ids.name().simple());
        let (path, disk) = (self.assembly_folder(assembly).join(&file), self.ground.disk.clone());
        let written = blocking(move || {
            let mut draft = disk.draft()?;
            draft.write_all(&bytes)?;
            draft.publish(&path)?;
            Ok(Part { number, size: bytes.len() as u64, crc32: crc32fast::hash(&bytes) })
        });
        let part = written.await.of_port(PORT, || format!("put part {number} of assembly {assembly}"))?;
        let (id, row) = (assembly.to_owned(), file.clone());
        let before = self.write_rows("enter a part", move |c| enter_part(c, &id, &part, &row)).await?;
        if let Some(old) = before {
            self.remove_part(assembly, &old).await?;
        }
        Ok(part)
    }

    async fn remove_part(&self, assembly: &str, file: &str) -> PortResult<()> {
        let (path, disk) = (self.assembly_folder(assembly).join(file), self.ground.disk.clone());
        blocking(move || disk.remove(&path)).await.of_port(PORT, || format!("remove a part of assembly {assembly}"))
    }

    pub(super) async fn assembly_parts(&self, assembly: &str) -> PortResult<Vec<Kept>> {
        let id = assembly.to_owned();
        let parts = self.read_rows("list parts", move |c| parts_of(c, &id)).await?;
        parts.ok_or_else(|| PortError::new(PORT, format!("find assembly {assembly}"), Kind::Missing))
    }

    pub(super) async fn complete_assembly(
        &self,
        assembly: &str,
        place: &Place,
        expected: &Measured,
    ) -> PortResult<ObjectVersion> {
        check_place(place)?;
        if let Some(kept) = self.find_here(place.area, &place.key).await? {
            return self.settle(assembly, place, expected, kept).await;
        }
        let stored = self.describe(place, expected.clone());
        match self.publish_assembly(assembly, stored).await {
            Ok(kept) => self.settle(assembly, place, expected, kept).await,
            // Somebody else may have completed it meanwhile, and removed the parts.
            Err(error) => match self.find_here(place.area, &place.key).await? {
                Some(kept) => self.settle(assembly, place, expected, kept).await,
                None => Err(error),
            },
        }
    }

    /// Gives the bytes of all parts together their name, and then their row.
    async fn publish_assembly(&self, assembly: &str, stored: Stored) -> PortResult<Stored> {
        let operation = || format!("complete assembly {assembly}");
        let (path, disk) = (self.path_of(&stored), self.ground.disk.clone());
        // There is something under the name if a crash came between the name and the row.
        let joined = if path.exists() { None } else { Some(self.join(assembly, &stored.measured).await?) };
        let shared = self.guard(stored.owner).read().await;
        let is_named = match joined {
            Some(joined) => blocking(move || joined.publish(&disk, &path)).await.of_port(PORT, operation)?,
            None => false,
        };
        if !is_named && !self.is_file_of(&stored).await? {
            return Err(conflict(&stored.object.show()));
        }
        let (row, id) = (stored.clone(), assembly.to_owned());
        let entered = self.write_rows("publish an assembly", move |c| {
            let inserted = row::insert_new(c, &row)?;
            remove_assembly(c, &id)?;
            Ok(inserted)
        });
        let kept = match entered.await? {
            Inserted::New => stored,
            Inserted::Other(other) => other,
        };
        drop(shared);
        Ok(kept)
    }

    /// Joins the parts, if size and CRC-32 of all of them and the digest of the whole are what is expected.
    async fn join(&self, assembly: &str, expected: &Measured) -> PortResult<Joined> {
        let operation = || format!("complete assembly {assembly}");
        let parts = self.assembly_parts(assembly).await?;
        if parts.len() > 1 {
            self.ground.require_room(expected.size, "put the parts of an archive together")?;
        }
        check_sum(&parts, expected).map_err(|why| PortError::new(PORT, operation(), Kind::Corrupt).because(why))?;
        let files: Vec<_> = parts.into_iter().map(|kept| self.assembly_folder(assembly).join(kept.file)).collect();
        let (expected, disk) = (expected.clone(), self.ground.disk.clone());
        blocking(move || Joined::of(files, &expected, &disk)).await.of_port(PORT, operation)
    }

    /// What is under the key is the answer if it is what was expected; the assembly is needed no longer.
    async fn settle(
        &self,
        assembly: &str,
        place: &Place,
        expected: &Measured,
        kept: Stored,
    ) -> PortResult<ObjectVersion> {
        if kept.measured.digest != expected.digest {
            return Err(conflict(&place.show()));
        }
        self.drop_assembly(assembly).await?;
        Ok(kept.object)
    }

    pub(super) async fn drop_assembly(&self, assembly: &str) -> PortResult<()> {
        let id = assembly.to_owned();
        if !self.write_rows("drop an assembly", move |c| remove_assembly(c, &id)).await? {
            // Unknown names never become paths; the folder of one that is complete goes all the same.
            if !assembly.bytes().all(|byte| byte.is_ascii_hexdigit()) || assembly.is_empty() {
                return Ok(());
            }
        }
        self.remove_folder(self.assembly_folder(assembly)).await
    }

    async fn remove_folder(&self, folder: PathBuf) -> PortResult<()> {
        let disk = self.ground.disk.clone();
        blocking(move || disk.remove_folder(&folder))
            .await
            .of_port(PORT, || "remove the parts of an assembly".to_owned())
    }

    pub(super) async fn list_assemblies(&self) -> PortResult<Vec<(String, Owner)>> {
        self.read_rows("list assemblies", all_assemblies).await
    }

    /// Removes folders of assemblies that no row names any longer.
    pub(super) async fn remove_lost_assemblies(&self) -> PortResult<()> {
        let known = self.list_assemblies().await?;
        let folder = self.root().join("assemblies");
        for name in names_in(&folder).of_port(PORT, || "list the folders of assemblies".to_owned())? {
            if !known.iter().any(|(id, _)| *id == name) {
                self.remove_folder(folder.join(name)).await?;
            }
        }
        Ok(())
    }
}

/// All parts as one file that has no name yet.
enum Joined {
    /// A single part is the whole already: it needs no copy, only its second name.
    Whole(PathBuf),
    Copy(Draft),
}

impl Joined {
    /// Bytes that are not the expected ones are an error.
    fn of(mut files: Vec<PathBuf>, expected: &Measured, disk: &Disk) -> std::io::Result<Self> {
        let mut measure = Measure::default();
        let joined = if let [whole] = files.as_mut_slice() {
            measure::each(std::fs::File::open(&*whole)?, &mut measure, |_| Ok(()))?;
            Self::Whole(std::mem::take(whole))
        } else {
            let mut draft = disk.draft()?;
            for file in files {
                measure::each(std::fs::File::open(file)?, &mut measure, |bytes| draft.write_all(bytes))?;
            }
            Self::Copy(draft)
        };
        if measure.finish() == *expected {
            return Ok(joined);
        }
        let sentence = "the parts together are not the bytes that were expected; nothing was published";
        Err(std::io::Error::new(std::io::ErrorKind::InvalidData, sentence))
    }

    /// False if the name is taken.
    fn publish(self, disk: &Disk, path: &Path) -> std::io::Result<bool> {
        match self {
            Self::Whole(file) => disk.link_new(&file, path),
            Self::Copy(draft) => draft.publish_new(path),
        }
    }
}

/// Compares size and CRC-32 of all parts together with what is expected, before any byte is read.
fn check_sum(parts: &[Kept], expected: &Measured) -> Result<(), String> {
    let size: u64 = parts.iter().map(|kept| kept.part.size).sum();
    let mut sum = crc32fast::Hasher::new();
    for Kept { part, .. } in parts {
        sum.combine(&crc32fast::Hasher::new_with_initial_len(part.crc32, part.size));
    }
    let crc32 = sum.finalize();
    if (size, crc32) == (expected.size, expected.crc32) {
        return Ok(());
    }
    Err(format!(
        "the parts have {size} bytes and the CRC-32 {crc32:08x}; expected were {} bytes and {:08x}",
        expected.size, expected.crc32
    ))
}

fn insert_assembly(connection: &Connection, id: &str, owner: Owner, at: i64) -> Result<(), Error> {
    let sql = "INSERT INTO assemblies (id, request, round, begun_at) VALUES (?1, ?2, ?3, ?4)";
    let (request, round) = (owner.map(|(request, _)| request.to_string()), owner.map(|(_, round)| round));
    connection.prepare_cached(sql)?.execute(params![id, request, round, at])?;
    Ok(())
}

/// Enters a part; gives the file that held it before.
fn enter_part(connection: &Connection, assembly: &str, part: &Part, file: &str) -> Result<Option<String>, Error> {
    let known = "SELECT 1 FROM assemblies WHERE id = ?1";
    if !connection.prepare_cached(known)?.exists([assembly])? {
        return Err(Error::refused(Kind::Missing, "there is no such assembly any longer"));
    }
    let before = connection
        .prepare_cached("SELECT file FROM parts WHERE assembly = ?1 AND number = ?2")?
        .query_row(params![assembly, part.number], |row| row.get(0))
        .optional()?;
    let sql = "INSERT OR REPLACE INTO parts (assembly, number, size, crc32, file) VALUES (?1, ?2, ?3, ?4, ?5)";
    let size = i64::try_from(part.size).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.execute(params![assembly, part.number, size, part.crc32, file])?;
    Ok(before)
}

fn parts_of(connection: &Connection, assembly: &str) -> Result<Option<Vec<Kept>>, Error> {
    if !connection.prepare_cached("SELECT 1 FROM assemblies WHERE id = ?1")?.exists([assembly])? {
        return Ok(None);
    }
    let sql = "SELECT number, size, crc32, file FROM parts WHERE assembly = ?1 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let parts = statement.query_map([assembly], |row| {
        let size: i64 = row.get(1)?;
        let part = Part { number: row.get(0)?, size: size.unsigned_abs(), crc32: row.get(2)? };
        Ok(Kept { part, file: row.get(3)? })
    })?;
    Ok(Some(parts.collect::<Result<_, _>>()?))
}

/// Tells whether there was one.
fn remove_assembly(connection: &Connection, id: &str) -> Result<bool, Error> {
    connection.prepare_cached("DELETE FROM parts WHERE assembly = ?1")?.execute([id])?;
    Ok(connection.prepare_cached("DELETE FROM assemblies WHERE id = ?1")?.execute([id])? > 0)
}

fn all_assemblies(connection: &Connection) -> Result<Vec<(String, Owner)>, Error> {
    let mut statement = connection.prepare_cached("SELECT id, request, round FROM assemblies ORDER BY id")?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, Option<u32>>(2)?)))?;
    rows.map(|row| {
        let (id, request, round): (String, _, _) = row?;
        let request = request.map(|text| text.parse()).transpose();
        Ok((id, request.map_err(|error| Error::damaged("the owner of an assembly", error))?.zip(round)))
    })
    .collect()
}
