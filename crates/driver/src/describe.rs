//! `scene`: what a memory holds.

use reasmory_scene::Manifest;
use serde_json::{Value, json};

use crate::answer::number;

/// `scene --json`.
pub fn json(m: &Manifest) -> Value {
    let categories: Vec<Value> = m
        .categories
        .iter()
        .map(|c| {
            json!({
                "name": c.name,
                "count": c.stated_count.map_or(c.instances.len() as u64, u64::from),
                "instances": c.instances,
            })
        })
        .collect();
    let instances: Vec<Value> = m
        .instances
        .iter()
        .map(|i| {
            let [length, width, height] = i.obb.size();
            json!({
                "id": i.id,
                "category": i.category,
                "name": m.instance_name(i.id),
                "box": i.obb,
                "size": {"length": length, "width": width, "height": height},
                "confidence": i.confidence,
                "support": i.support,
                "front": i.front,
                "seen_in": i.seen_in,
            })
        })
        .collect();
    let photos: Vec<Value> = m
        .photos
        .iter()
        .map(|p| {
            json!({
                "number": p.number,
                "name": p.name,
                "width": p.pinhole.width,
                "height": p.pinhole.height,
                "fov": p.pinhole.fov(),
                "position": [p.camera_to_world.center.x, p.camera_to_world.center.y, p.camera_to_world.center.z],
                "heading": p.view().heading(),
                "pitch": p.view().pitch,
                "time": p.time,
                "stored": p.image.is_some(),
            })
        })
        .collect();
    let room = m.room.as_ref().map(|r| {
        json!({
            "area": r.area(),
            "height": r.height(),
            "floor": r.floor,
            "ceiling": r.ceiling,
            "outline": r.outline,
        })
    });
    let mut all = json!({
        "schema": 1,
        "name": m.name,
        "scale": m.scale,
        "uncertainty": m.uncertainty,
        "bounds": m.bounds,
        "room": room,
        "categories": categories,
        "instances": instances,
        "photos": photos,
        "points": m.points,
        "provenance": m.provenance,
        "journal": m.journal,
    });
    if let Some(l) = &m.layout {
        all["layout"] = json!(l);
    }
    all
}

/// `scene`: for people.
pub fn text(m: &Manifest) -> String {
    use std::fmt::Write as _;
    let unit = if m.scale.is_metric() { " m" } else { "" };
    let mut out = format!("{}  ({})\n", m.name, m.provenance.format);
    let kind = if m.scale.is_metric() { "metric" } else { "relative" };
    let _ = writeln!(out, "  scale        {kind}: {}", m.scale.source);
    let _ = writeln!(
        out,
        "  uncertainty  {}",
        if m.uncertainty.position > 0.0 {
            format!("positions ±{}{unit} (one sigma)", number(m.uncertainty.position))
        } else {
            "none (an oracle memory)".to_owned()
        }
    );
    if let Some(b) = &m.bounds {
        let size: Vec<String> = (0..3).map(|i| number(b.max[i] - b.min[i])).collect();
        let _ = writeln!(out, "  extent       {}{unit}", size.join(" × "));
    }
    if let Some(r) = &m.room {
        let square = if m.scale.is_metric() { " m2" } else { "" };
        let mut parts = Vec::new();
        if let Some(a) = r.area() {
            parts.push(format!("floor area {}{square}", number(a)));
        }
        if let Some(h) = r.height() {
            parts.push(format!("height {}{unit}", number(h)));
        }
        parts.push(format!("floor at z = {}", number(r.floor)));
        let _ = writeln!(out, "  room         {}", parts.join(", "));
    }
    if let Some(l) = &m.layout {
        let mut parts = Vec::new();
        if l.rooms.len() > 1 {
            let areas: Vec<String> = l.rooms.iter().map(|r| number(r.area)).collect();
            parts.push(format!("{} rooms of {}", l.rooms.len(), areas.join(", ")));
        }
        if let Some(t) = l.turn {
            parts.push(format!("walls turned by {}°", number(t)));
        }
        if l.slope > 0.0 {
            parts.push(format!("the ceiling slopes by {}°", number(l.slope)));
        }
        let s = &l.sure;
        parts.push(format!(
            "sure of floor {:.2}, ceiling {:.2}, walls {:.2}",
            s.floor, s.ceiling, s.walls
        ));
        let _ = writeln!(out, "  layout       {}", parts.join(", "));
    }
    let _ = writeln!(out, "  points       {}", m.points);
    let _ = writeln!(out, "  photos       {}", m.photos.len());
    let _ =
        writeln!(out, "  instances    {} of {} categories", m.instances.len(), m.categories.len());
    for c in &m.categories {
        let stated = c.stated_count.map_or(String::new(), |n| format!(" (the source states {n})"));
        let _ = writeln!(out, "    {} × {}{stated}", c.instances.len(), c.name);
        for id in &c.instances {
            if let Some(i) = m.instance(*id) {
                let [l, w, h] = i.obb.size();
                let p = i.obb.center;
                let _ = writeln!(
                    out,
                    "        {:<20} {:.2} × {:.2} × {:.2}{unit} at ({:.2}, {:.2}, {:.2}), confidence {:.2}",
                    m.instance_name(*id),
                    l,
                    w,
                    h,
                    p.x,
                    p.y,
                    p.z,
                    i.confidence
                );
            }
        }
    }
    for note in &m.provenance.notes {
        let _ = writeln!(out, "  note         {note}");
    }
    for entry in &m.journal {
        let _ = writeln!(out, "  {:<12} {}", entry.action, entry.what);
    }
    out
}
