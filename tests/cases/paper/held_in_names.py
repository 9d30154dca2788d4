def plan_to_solve_problem(input_images: List[str]):
    """Scalars in variables, which the paper's own verifier refuses."""
    kind = "images"
    memory = build_static_spatial_memory(input_type=kind, image_paths=input_images, video_path=None)
    session_id = memory["session_id"]
    which = 0
    degrees = 45
    name = "sofa"
    wanted = [2]
    pose = query_camera_pose(session_id=session_id, frame_indices=wanted)[which]
    set_viewpoint(session_id=session_id, origin=pose["position"], forward=pose["forward"], look_at=None)
    turn_camera(session_id=session_id, direction="left", angle=degrees)
    objects = query_3d_object_position(session_id=session_id, category_names=[name])
    sofa = safe_select(session_id=session_id, obj_queried=objects, obj_name=name, selection_criteria=None)
    ego = render_ego_rgb(session_id=session_id)
    plan = render_semantic_bev(session_id=session_id, camera_indices=[pose["camera_index"]], objects=None, queried_objects=objects)
    useful_observation = [ego, plan["images"], sofa["position"]]
    return useful_observation
