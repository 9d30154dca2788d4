def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    pose = query_camera_pose(session_id=session_id, frame_indices=[1])[0]
    set_viewpoint(session_id=session_id, origin=pose["position"], forward=pose["forward"])
    pose = query_camera_pose(session_id=session_id, frame_indices=[2])[0]
    objects = query_3d_object_position(session_id=session_id, category_names=["chair", "sofa"])
    useful_observation = [
        {"images": input_images, "where": [pose, objects, objects["chair"][1]]},
        objects["chair"],
    ]
    return useful_observation
