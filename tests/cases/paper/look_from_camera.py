def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    poses = query_camera_pose(session_id=session_id, frame_indices=[2])
    objects = query_3d_object_position(session_id=session_id, category_names=["table"])
    set_viewpoint(session_id=session_id, origin=poses[0]["position"], look_at=objects["table"][0])
    ego = render_ego_rgb(session_id=session_id)
    useful_observation = [ego]
    return useful_observation
