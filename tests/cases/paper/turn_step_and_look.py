from typing import List

def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images, fps=1)
    session_id = memory["session_id"]
    poses = query_camera_pose(session_id=session_id, frame_indices=[1, 2, 3])
    set_viewpoint(session_id=session_id, origin=poses[1]["position"], forward=poses[1]["forward"])
    before = render_ego_rgb(session_id=session_id)
    turn_camera(session_id=session_id, direction="right", angle=30)
    step_camera(session_id=session_id, direction="forward")
    step_camera(session_id=session_id, direction="forward")
    turn_camera(session_id=session_id, direction="down")
    after = render_ego_rgb(session_id=session_id)
    bev = render_rgb_bev(session_id=session_id, ego_marker_size=140)
    useful_observation = [input_images[1], before, after, bev]
    return useful_observation
