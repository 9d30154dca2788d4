def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    bev = render_rgb_bev(session_id=session_id)
    useful_observation = [bev]
    return useful_observation
