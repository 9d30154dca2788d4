//! VSI-Bench: programs for its questions by simple text templates, and its metric.

pub use reasmory_eval::mean_relative_accuracy;

/// What a program answers to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The program.
    pub program: String,
    /// The unit of a numeric answer.
    pub unit: &'static str,
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0.trim())
}

/// The program for a question of a family; `None` when the template does not fit.
pub fn plan(family: &str, question: &str) -> Option<Plan> {
    let (program, unit) = match family {
        "object_counting" => {
            let what = between(question, "How many ", "(s)")?;
            (format!("answer objects(\"{what}\").count()"), "")
        }
        "object_size_estimation" => {
            let what = between(question, "or height) of the ", ",")?;
            (format!("answer longest_side(the(\"{what}\")) as cm"), "cm")
        }
        "room_size_estimation" => ("answer room().floor_area() as m2".to_owned(), "m2"),
        "object_abs_distance" => {
            let pair = between(question, "distance between the ", " (in meters)")?;
            let (a, b) = pair.split_once(" and the ")?;
            (format!("answer distance(the(\"{a}\"), to=the(\"{b}\")) as m"), "m")
        }
        "object_rel_distance" => {
            let among: Vec<String> = between(question, "(", ")")?
                .split(',')
                .map(|c| format!("\"{}\"", c.trim()))
                .collect();
            let target = between(question, "closest to the ", "?")?;
            let list = among.join(", ");
            (format!("answer [{list}].min_by(c => distance(objects(c), to=the(\"{target}\")))"), "")
        }
        _ => {
            let among = match family {
                "object_rel_direction_easy" => "[left, right]",
                "object_rel_direction_medium" => "[left, right, back]",
                "object_rel_direction_hard" => "[front_left, front_right, back_left, back_right]",
                _ => return None,
            };
            let at = between(question, "standing by the ", " and facing the ")?;
            let facing = between(question, " and facing the ", ", is the ")?;
            let target = between(question, ", is the ", " to ")?;
            (
                format!(
                    "me = stand(at=the(\"{at}\"), facing=the(\"{facing}\"))\n\
                     answer side(the(\"{target}\"), from=me, among={among})"
                ),
                "",
            )
        }
    };
    Some(Plan { program: format!("{program}\n"), unit })
}
