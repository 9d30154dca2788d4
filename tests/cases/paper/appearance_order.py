def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    objects = query_3d_object_position(session_id=session_id, category_names=["bed", "table", "chair"])
    plan = render_semantic_bev(
        session_id=session_id,
        camera_indices=list(range(1, 4)),
        queried_objects=objects,
    )
    useful_observation = [plan["image"], objects]
    return useful_observation
