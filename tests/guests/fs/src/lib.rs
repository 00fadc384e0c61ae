// SPDX-License-Identifier: Apache-2.0
//! The file system as the guest sees it: `?op=…&path=…`, on the preopened directory `?root=` (default: the first).
//!
//! read, cat (by stream), write, append, stat, list, mkdir, rmdir, unlink, rename, link, symlink and readlink (`to=`),
//! truncate (`size=`), touch, hash, same (`to=`), flags, sync, roots. `follow=1` follows a last symlink, `create=1`,
//! `exclusive=1`, `directory=1` and `readonly=1` go to open-at. The body of a POST is what write and append write.
//! A failure answers 409 with the name of the error.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{
    Advice, Descriptor, DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};
use wasip2::http::types::{IncomingRequest, ResponseOutparam};
use wasip2::io::streams::StreamError;

struct Fs;
wasip2::http::proxy::export!(Fs);

impl Guest for Fs {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = kit::Target::of(&request);
        match answer(&target, &request) {
            Ok(text) => kit::respond(out, 200, &text),
            Err(error) => kit::respond(out, 409, error.name()),
        }
    }
}

fn answer(target: &kit::Target, request: &IncomingRequest) -> Result<String, ErrorCode> {
    let roots = get_directories();
    let op = target.get("op").unwrap_or("read");
    if op == "roots" {
        return Ok(roots.iter().map(|(_, name)| format!("{name}\n")).collect());
    }
    let (root, _) = roots
        .iter()
        .find(|(_, name)| target.get("root").is_none_or(|wanted| wanted == name))
        .ok_or(ErrorCode::NoEntry)?;
    let call = Call {
        root,
        target,
        request,
        path: target.get("path").unwrap_or("."),
        to: target.get("to").unwrap_or(""),
    };
    call.read_like(op)
        .or_else(|| call.write_like(op))
        .unwrap_or(Err(ErrorCode::Unsupported))
}

struct Call<'a> {
    root: &'a Descriptor,
    target: &'a kit::Target,
    request: &'a IncomingRequest,
    path: &'a str,
    to: &'a str,
}

impl Call<'_> {
    fn has(&self, name: &str) -> bool {
        self.target.get(name) == Some("1")
    }

    fn follow(&self) -> PathFlags {
        if self.has("follow") {
            PathFlags::SYMLINK_FOLLOW
        } else {
            PathFlags::empty()
        }
    }

    fn open(&self, flags: DescriptorFlags) -> Result<Descriptor, ErrorCode> {
        let mut open = OpenFlags::empty();
        open.set(OpenFlags::CREATE, self.has("create"));
        open.set(OpenFlags::EXCLUSIVE, self.has("exclusive"));
        open.set(OpenFlags::DIRECTORY, self.has("directory"));
        open.set(OpenFlags::TRUNCATE, self.has("cut"));
        self.root.open_at(self.follow(), self.path, open, flags)
    }

    fn read_like(&self, op: &str) -> Option<Result<String, ErrorCode>> {
        Some(match op {
            "read" => self.read(),
            "cat" => self.cat(),
            "stat" => self.stat(),
            "list" => self.list(),
            "readlink" => self.root.readlink_at(self.path),
            "hash" => self
                .root
                .metadata_hash_at(self.follow(), self.path)
                .map(|hash| format!("{:016x}{:016x}\n", hash.upper, hash.lower)),
            "same" => self.same(),
            "flags" => self
                .open(DescriptorFlags::READ)
                .and_then(|file| Ok(format!("{:?} {:?}\n", file.get_type()?, file.get_flags()?))),
            _ => return None,
        })
    }

    fn write_like(&self, op: &str) -> Option<Result<String, ErrorCode>> {
        let done = match op {
            "write" | "append" => return Some(self.write(op == "append")),
            "mkdir" => self.root.create_directory_at(self.path),
            "rmdir" => self.root.remove_directory_at(self.path),
            "unlink" => self.root.unlink_file_at(self.path),
            "rename" => self.root.rename_at(self.path, self.root, self.to),
            "link" => self
                .root
                .link_at(self.follow(), self.path, self.root, self.to),
            "symlink" => self.root.symlink_at(self.to, self.path),
            "truncate" => self
                .open(DescriptorFlags::WRITE)
                .and_then(|file| file.set_size(self.target.number("size", 0))),
            "touch" => self.root.set_times_at(
                self.follow(),
                self.path,
                NewTimestamp::NoChange,
                NewTimestamp::Now,
            ),
            "sync" => self.open(DescriptorFlags::WRITE).and_then(|file| {
                file.advise(0, 0, Advice::Normal)?;
                file.sync_data()?;
                file.sync()
            }),
            _ => return None,
        };
        Some(done.map(|()| "done\n".to_string()))
    }

    fn read(&self) -> Result<String, ErrorCode> {
        let file = self.open(DescriptorFlags::READ)?;
        let mut bytes = Vec::new();
        loop {
            let (chunk, end) = file.read(65536, bytes.len() as u64)?;
            bytes.extend(chunk);
            if end {
                return Ok(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }

    fn cat(&self) -> Result<String, ErrorCode> {
        let file = self.open(DescriptorFlags::READ)?;
        let stream = file.read_via_stream(self.target.number("offset", 0))?;
        let mut bytes = Vec::new();
        loop {
            match stream.blocking_read(65536) {
                Ok(chunk) => bytes.extend(chunk),
                Err(StreamError::Closed) => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
                Err(StreamError::LastOperationFailed(_)) => return Err(ErrorCode::Io),
            }
        }
    }

    fn write(&self, append: bool) -> Result<String, ErrorCode> {
        let flags = if self.has("readonly") {
            DescriptorFlags::READ
        } else {
            DescriptorFlags::READ | DescriptorFlags::WRITE
        };
        let file = self.open(flags)?;
        let stream = if append {
            file.append_via_stream()?
        } else {
            file.write_via_stream(self.target.number("offset", 0))?
        };
        let bytes = kit::body_of(self.request);
        kit::write_all(&stream, &bytes).map_err(|_| ErrorCode::Io)?;
        Ok(format!("{}\n", bytes.len()))
    }

    fn stat(&self) -> Result<String, ErrorCode> {
        let stat = self.root.stat_at(self.follow(), self.path)?;
        let modified = stat.data_modification_timestamp.map_or(0, |t| t.seconds);
        Ok(format!(
            "{:?} size {} links {} modified {modified}\n",
            stat.type_, stat.size, stat.link_count
        ))
    }

    fn list(&self) -> Result<String, ErrorCode> {
        let directory = self.open(DescriptorFlags::READ)?;
        let entries = directory.read_directory()?;
        let mut lines = Vec::new();
        while let Some(entry) = entries.read_directory_entry()? {
            lines.push(format!("{} {:?}\n", entry.name, entry.type_));
        }
        lines.sort();
        Ok(lines.concat())
    }

    fn same(&self) -> Result<String, ErrorCode> {
        let here = self.open(DescriptorFlags::READ)?;
        let there = self.root.open_at(
            self.follow(),
            self.to,
            OpenFlags::empty(),
            DescriptorFlags::READ,
        )?;
        Ok(format!("{}\n", here.is_same_object(&there)))
    }
}
