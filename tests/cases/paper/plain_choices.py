def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    objects = query_3d_object_position(session_id=session_id, category_names=["lamp", "chair"])
    tall = safe_select(session_id=session_id, obj_queried=objects, obj_name="lamp", selection_criteria="highest lamp")
    big = safe_select(session_id=session_id, obj_queried=objects, obj_name="chair", selection_criteria="The largest one.")
    set_viewpoint(session_id=session_id, origin=tall["position"], look_at=big["position"])
    ego = render_ego_rgb(session_id=session_id)
    objects = query_3d_object_position(session_id=session_id, category_names=["tv"])
    # There is one television: nothing to choose, whatever the words.
    tv = safe_select(session_id=session_id, obj_queried=objects, obj_name="tv", selection_criteria="the one on the wall")
    useful_observation = [ego, tv]
    return useful_observation
