def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    pose = query_camera_pose(session_id=session_id, frame_indices=[1])[0]
    set_viewpoint(session_id=session_id, origin=pose["position"], forward=pose["forward"], up=[0, -1, 0])
    ahead = render_ego_rgb(session_id=session_id)
    set_viewpoint(session_id=session_id, origin=[0, 0, 0], forward=[-1, 0, 1])
    left = render_ego_rgb(session_id=session_id)
    set_viewpoint(session_id=session_id, origin=[0.5, -0.25, 1.0], look_at=[0.0, 0.0, 3.0])
    on = render_ego_rgb(session_id=session_id)
    useful_observation = [ahead, left, on]
    return useful_observation
