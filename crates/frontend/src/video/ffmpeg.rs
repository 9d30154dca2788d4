//! The program `ffmpeg`: small grey pictures of all frames to choose by, then the chosen ones in full.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::select::{Measured, THUMB};
use crate::{FrontendError, Job};

/// Size of the pictures that sharpness is measured on.
const SMALL: (usize, usize) = (320, 240);
/// How often a stop is looked for.
const OFTEN: Duration = Duration::from_millis(50);
/// Frames that are chosen in one call: their numbers stand on the command line.
const AT_ONCE: usize = 100;

/// The program: the one named, else that of `REASMORY_FFMPEG`, else the one on the search path.
pub fn find(named: Option<&Path>) -> Result<PathBuf, FrontendError> {
    let variable = std::env::var_os("REASMORY_FFMPEG").filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(p) = named.map(Path::to_owned).or(variable) {
        if p.is_file() {
            return Ok(p);
        }
        let what = format!("{}: is no program", p.display());
        return Err(FrontendError::input(
            what,
            "give the path of ffmpeg (`--set ffmpeg=PATH`, or REASMORY_FFMPEG)",
        ));
    }
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).map(|d| d.join("ffmpeg")).find(|p| p.is_file()).ok_or_else(|| {
        FrontendError::input(
            "videos need the program ffmpeg, and there is none here",
            "install the package `ffmpeg` (Debian, Ubuntu, Homebrew), give its path with \
             `--set ffmpeg=PATH` or REASMORY_FFMPEG, or give a folder of photos",
        )
    })
}

/// Kills the child on every way out.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// Lines of standard error and whole pictures of standard output, as they come.
enum Out {
    Line(String),
    Picture(Vec<u8>),
}

fn start(
    program: &Path,
    args: &[String],
    picture: usize,
) -> Result<(Guard, Receiver<Out>), FrontendError> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(FrontendError::io(program, "start"))?;
    let (send, receive) = sync_channel::<Out>(256);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let lines = send.clone();
    std::thread::spawn(move || {
        use std::io::BufRead as _;
        let Some(err) = err else { return };
        let mut reader = std::io::BufReader::new(err);
        let mut line = Vec::new();
        // A line without an end is no line of ffmpeg's.
        while reader.by_ref().take(1 << 16).read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            if lines.send(Out::Line(String::from_utf8_lossy(&line).into_owned())).is_err() {
                return;
            }
            line.clear();
        }
    });
    std::thread::spawn(move || {
        let Some(mut out) = out else { return };
        let mut buffer = vec![0u8; picture];
        while out.read_exact(&mut buffer).is_ok() {
            if send.send(Out::Picture(buffer.clone())).is_err() {
                return;
            }
        }
    });
    Ok((Guard(child), receive))
}

/// Runs it to its end; the error is what it said last.
fn run(
    program: &Path,
    args: &[String],
    picture: usize,
    job: &Job<'_>,
    take: &mut dyn FnMut(Out),
) -> Result<(), FrontendError> {
    let (mut guard, receive) = start(program, args, picture)?;
    let mut said: Vec<String> = Vec::new();
    loop {
        job.check()?;
        match receive.recv_timeout(OFTEN) {
            Ok(o) => {
                if let Out::Line(l) = &o
                    && !l.contains("showinfo")
                    && !l.trim().is_empty()
                {
                    said.push(l.trim().chars().take(200).collect());
                    if said.len() > 3 {
                        said.remove(0);
                    }
                }
                take(o);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = guard.0.wait().map_err(FrontendError::io(program, "wait for"))?;
    if status.success() {
        return Ok(());
    }
    Err(FrontendError::input(
        format!("ffmpeg could not decode the video: {}", said.join(" / ")),
        "check that the video plays; convert it to MP4 (H.264) otherwise",
    ))
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|w| (*w).to_owned()).collect()
}

/// Time, sharpness and thumbnail of every frame.
pub(super) fn measure(
    program: &Path,
    video: &Path,
    job: &Job<'_>,
) -> Result<Vec<Measured>, FrontendError> {
    let (w, h) = SMALL;
    let filter = format!("scale={w}:{h}:flags=area,format=gray,showinfo");
    let mut args = words(&["-hide_banner", "-nostats", "-loglevel", "info", "-i"]);
    args.push(video.to_string_lossy().into_owned());
    args.extend(words(&["-map", "0:v:0", "-vf", &filter, "-fps_mode", "passthrough"]));
    args.extend(words(&["-f", "rawvideo", "-pix_fmt", "gray", "-"]));
    let (mut times, mut pictures): (Vec<f64>, Vec<(f64, Vec<u8>)>) = (Vec::new(), Vec::new());
    run(program, &args, w * h, job, &mut |o| match o {
        Out::Line(l) => times.extend(time(&l)),
        Out::Picture(p) => {
            pictures.push((sharpness(&p), thumbnail(&p)));
            if pictures.len().is_multiple_of(50) {
                let _ = job.step(pictures.len() as u64, 0, "looking at frames");
            }
        }
    })?;
    // A frame without a time stamp would shift all that follow.
    if times.len() != pictures.len() {
        let what = format!(
            "{}: ffmpeg gave {} frames and {} times",
            video.display(),
            pictures.len(),
            times.len()
        );
        return Err(FrontendError::failed(what, "convert the video to MP4 (H.264)"));
    }
    Ok(times
        .into_iter()
        .zip(pictures)
        .map(|(time, (sharpness, thumb))| Measured { time, sharpness, thumb })
        .collect())
}

/// The time in a line of ffmpeg's `showinfo`.
fn time(line: &str) -> Option<f64> {
    let (_, rest) = line.split_once("showinfo")?;
    let (_, rest) = rest.split_once("pts_time:")?;
    rest.split_whitespace().next()?.parse().ok().filter(|t: &f64| t.is_finite())
}

/// Variance of the Laplacian.
fn sharpness(p: &[u8]) -> f64 {
    let (w, h) = SMALL;
    let at = |x: usize, y: usize| f64::from(p[y * w + x]);
    let (mut sum, mut square, mut n) = (0.0, 0.0, 0.0);
    for y in 1..h - 1 {
        for x in 1..w - 1 {
            let l = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * at(x, y);
            sum += l;
            square += l * l;
            n += 1.0;
        }
    }
    (square / n - (sum / n) * (sum / n)).max(0.0)
}

fn thumbnail(p: &[u8]) -> Vec<u8> {
    let ((w, h), (tw, th)) = (SMALL, THUMB);
    let (bw, bh) = (w / tw, h / th);
    let cell = |i: usize| {
        let (x0, y0) = (i % tw * bw, i / tw * bh);
        let rows = (y0..y0 + bh).flat_map(|y| &p[y * w + x0..y * w + x0 + bw]);
        (rows.map(|v| u32::from(*v)).sum::<u32>() / (bw * bh) as u32) as u8
    };
    (0..tw * th).map(cell).collect()
}

/// Writes the frames of these numbers as JPEG, named by number.
pub(super) fn extract(
    program: &Path,
    video: &Path,
    frames: &[usize],
    folder: &Path,
    job: &Job<'_>,
) -> Result<Vec<PathBuf>, FrontendError> {
    let name = |frame: usize| folder.join(format!("frame-{frame:06}.jpg"));
    for (k, part) in frames.chunks(AT_ONCE).enumerate() {
        job.step((k * AT_ONCE) as u64, frames.len() as u64, "extracting frames")?;
        if part.iter().all(|f| name(*f).is_file()) {
            continue;
        }
        let chosen: Vec<String> = part.iter().map(|f| format!("eq(n\\,{f})")).collect();
        let filter = format!("select='{}'", chosen.join("+"));
        let pattern = folder.join("part-%06d.jpg");
        let mut args = words(&["-hide_banner", "-nostats", "-loglevel", "error", "-y", "-i"]);
        args.push(video.to_string_lossy().into_owned());
        args.extend(words(&["-map", "0:v:0", "-vf", &filter, "-fps_mode", "passthrough"]));
        args.extend(words(&["-q:v", "2"]));
        args.push(pattern.to_string_lossy().into_owned());
        run(program, &args, 1, job, &mut |_| {})?;
        for (i, f) in part.iter().enumerate() {
            let from = folder.join(format!("part-{:06}.jpg", i + 1));
            std::fs::rename(&from, name(*f)).map_err(FrontendError::io(&from, "find the frame"))?;
        }
    }
    Ok(frames.iter().map(|f| name(*f)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_from_showinfo() {
        let line = "[Parsed_showinfo_2 @ 0x55] n:   7 pts:   3584 pts_time:0.233333 duration: 512";
        assert_eq!(time(line), Some(0.233333));
        assert_eq!(time("pts_time:0.2"), None);
        assert_eq!(time("[Parsed_showinfo_2] n: 7 pts: NOPTS pts_time:NOPTS"), None);
    }

    #[test]
    fn blur_is_less_sharp() {
        let (w, h) = SMALL;
        let dots: Vec<u8> = (0..w * h).map(|i| ((i * 7919) % 251) as u8).collect();
        let soft: Vec<u8> = (0..w * h)
            .map(|i| {
                let around =
                    (i.saturating_sub(4)..=(i + 4).min(w * h - 1)).map(|j| u32::from(dots[j]));
                (around.sum::<u32>() / 9) as u8
            })
            .collect();
        assert!(sharpness(&dots) > 4.0 * sharpness(&soft));
        assert_eq!(thumbnail(&vec![9; w * h]), vec![9; THUMB.0 * THUMB.1]);
    }

    #[test]
    fn a_missing_program_names_the_package() {
        let e = find(Some(Path::new("/nowhere/ffmpeg"))).unwrap_err();
        assert!(e.what.contains("is no program"), "{e}");
    }
}
