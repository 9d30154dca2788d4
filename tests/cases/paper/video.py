def plan_to_solve_problem(input_video: str):
    memory = build_static_spatial_memory(input_type="video", video_path=input_video, fps=1.0)
    session_id = memory["session_id"]
    objects = query_3d_object_position(session_id=session_id, category_names=["bed", "door"])
    plan = render_semantic_bev(session_id=session_id, queried_objects=objects)
    bev = render_rgb_bev(session_id=session_id, ego_marker_size=0)
    useful_observation = [plan["image"], bev]
    return useful_observation
