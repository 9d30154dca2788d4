def plan_to_solve_problem(input_images):
    session_id = build_static_spatial_memory(input_type="images", image_paths=input_images)["session_id"]
    set_viewpoint(
        session_id=session_id,
        origin=query_camera_pose(session_id=session_id, frame_indices=[2])[0]["position"],
        look_at=query_3d_object_position(session_id=session_id, category_names=["bed"])["bed"][0],
    )
    turn_camera(session_id=session_id, direction="up", angle=10)
    useful_observation = [render_ego_rgb(session_id=session_id), render_rgb_bev(session_id=session_id)]
    return useful_observation
