def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    # Stand where image 1 was taken.
    poses = query_camera_pose(session_id=session_id, frame_indices=[1])
    pose = poses[0]
    set_viewpoint(session_id=session_id, origin=pose["position"], forward=pose["forward"], up=pose["up"])
    turn_camera(session_id=session_id, direction="left")
    ego = render_ego_rgb(session_id=session_id)
    useful_observation = [ego]
    return useful_observation
