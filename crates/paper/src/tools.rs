//! The tools that a plan may call.

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Build,
    Poses,
    Objects,
    Viewpoint,
    Select,
    Step,
    Turn,
    Ego,
    Top,
    Semantic,
}

/// A tool's name and parameters.
#[derive(Debug)]
pub(crate) struct ToolDef {
    pub(crate) tool: Tool,
    pub(crate) name: &'static str,
    /// Names in order, and whether each is required.
    pub(crate) params: &'static [(&'static str, bool)],
}

/// The tools of the dialect, with their parameters in the order that the paper gives them.
pub(crate) const TOOLS: &[ToolDef] = &[
    ToolDef {
        tool: Tool::Build,
        name: "build_static_spatial_memory",
        params: &[
            ("input_type", true),
            ("video_path", false),
            ("fps", false),
            ("image_paths", false),
        ],
    },
    ToolDef {
        tool: Tool::Poses,
        name: "query_camera_pose",
        params: &[("session_id", true), ("frame_indices", true)],
    },
    ToolDef {
        tool: Tool::Objects,
        name: "query_3d_object_position",
        params: &[("session_id", true), ("category_names", true)],
    },
    ToolDef {
        tool: Tool::Viewpoint,
        name: "set_viewpoint",
        params: &[
            ("session_id", true),
            ("origin", true),
            ("forward", false),
            ("look_at", false),
            ("up", false),
        ],
    },
    ToolDef {
        tool: Tool::Select,
        name: "safe_select",
        params: &[
            ("session_id", true),
            ("obj_queried", true),
            ("obj_name", true),
            ("selection_criteria", false),
        ],
    },
    ToolDef {
        tool: Tool::Step,
        name: "step_camera",
        params: &[("session_id", true), ("direction", true)],
    },
    ToolDef {
        tool: Tool::Turn,
        name: "turn_camera",
        params: &[("session_id", true), ("direction", true), ("angle", false)],
    },
    ToolDef { tool: Tool::Ego, name: "render_ego_rgb", params: &[("session_id", true)] },
    ToolDef {
        tool: Tool::Top,
        name: "render_rgb_bev",
        params: &[("session_id", true), ("annotations", false), ("ego_marker_size", false)],
    },
    ToolDef {
        tool: Tool::Semantic,
        name: "render_semantic_bev",
        params: &[
            ("session_id", true),
            ("camera_indices", false),
            ("objects", false),
            ("queried_objects", false),
        ],
    },
];

/// The tool of this name.
pub(crate) fn find(name: &str) -> Option<&'static ToolDef> {
    TOOLS.iter().find(|t| t.name == name)
}

/// Names of the paper's code that plans may not call, and what to do.
pub(crate) const NOT_FOR_PLANS: &[(&str, &str)] = &[
    ("build_static_spatial_memory_metric", "call `build_static_spatial_memory`"),
    ("mask_propagation", "find objects with `query_3d_object_position`"),
    ("frame_selection", "put `input_images[…]` in the result"),
    ("load_precomputed_spatial_memory", "call `build_static_spatial_memory`"),
];

/// Python's functions that models reach for.
pub(crate) const BUILTINS: &[&str] = &[
    "abs",
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "filter",
    "float",
    "format",
    "int",
    "isinstance",
    "len",
    "list",
    "map",
    "max",
    "min",
    "open",
    "print",
    "range",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "type",
    "zip",
    "eval",
    "exec",
    "getattr",
    "input",
];
