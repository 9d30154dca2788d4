def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    a = b = query_camera_pose(session_id=session_id, frame_indices=[1])
    set_viewpoint(session_id=session_id, origin=a[0]["position"], forward=b[0]["forward"])
    turn_camera(session_id=session_id, direction="back")
    behind = render_ego_rgb(session_id=session_id)
    c = query_camera_pose(session_id=session_id, frame_indices=[3])
    set_viewpoint(session_id=session_id, origin=c[-1]["position"], forward=c[-1]["forward"])
    step_camera(session_id=session_id, direction="backward")
    there = render_ego_rgb(session_id=session_id)
    return [behind, there]
