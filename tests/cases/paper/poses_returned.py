def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    poses = query_camera_pose(session_id=session_id, frame_indices=[1, 2, 3])
    useful_observation = [poses]
    return useful_observation
