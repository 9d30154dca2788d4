def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    poses = query_camera_pose(session_id=session_id, frame_indices=[1, 2])
    objects = query_3d_object_position(session_id=session_id, category_names=["sofa"])
    # The same way as camera 2, from the sofa.
    set_viewpoint(session_id=session_id, origin=objects["sofa"][0], forward=poses[1]["forward"])
    first = render_ego_rgb(session_id=session_id)
    poses = query_camera_pose(session_id=session_id, frame_indices=[1, 2])
    set_viewpoint(session_id=session_id, origin=poses[0]["position"], forward=poses[1]["right"])
    second = render_ego_rgb(session_id=session_id)
    useful_observation = [first, second]
    return useful_observation
