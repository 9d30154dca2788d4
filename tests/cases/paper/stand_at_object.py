def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    objects = query_3d_object_position(session_id=session_id, category_names=["sofa", "stove", "tv"])
    set_viewpoint(session_id=session_id, origin=objects["sofa"][0], look_at=objects["stove"][0])
    ego = render_ego_rgb(session_id=session_id)
    again = query_3d_object_position(session_id=session_id, category_names=["tv"])
    plan = render_semantic_bev(session_id=session_id, queried_objects=again)
    useful_observation = [ego, plan, again]
    return useful_observation
