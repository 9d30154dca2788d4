def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    objects = query_3d_object_position(session_id=session_id, category_names=["chair", "tv"])
    seat = safe_select(session_id=session_id, obj_queried=objects, obj_name="chair", selection_criteria="closest to the tv")
    set_viewpoint(session_id=session_id, origin=seat["position"], look_at=objects["tv"][0])
    ego = render_ego_rgb(session_id=session_id)
    useful_observation = [ego]
    return useful_observation
