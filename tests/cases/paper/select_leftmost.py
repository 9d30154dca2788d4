def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    pose = query_camera_pose(session_id=session_id, frame_indices=(3,))[0]
    set_viewpoint(session_id=session_id, origin=pose["position"], forward=pose["forward"])
    chairs = query_3d_object_position(session_id=session_id, category_names=["chair"])
    left = safe_select(session_id=session_id, obj_queried=chairs, obj_name="chair", selection_criteria="the leftmost chair")
    far = safe_select(session_id=session_id, obj_queried=chairs, obj_name="chair", selection_criteria="farthest from image 1")
    plan = render_semantic_bev(
        session_id=session_id,
        objects=[
            {"name": "left chair", "position": left["position"]},
            {"name": "far chair", "position": chairs["chair"][far["instance_id"]]},
        ],
    )
    useful_observation = [plan, left]
    return useful_observation
