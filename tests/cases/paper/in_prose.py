The question asks what is behind the viewer of image 2. I stand there and turn around.

```python
def plan_to_solve_problem(input_images: List[str]):
    memory = build_static_spatial_memory(input_type="images", image_paths=input_images)
    session_id = memory["session_id"]
    poses = query_camera_pose(session_id=session_id, frame_indices=[2])
    set_viewpoint(session_id=session_id, origin=poses[0]["position"], forward=poses[0]["forward"])
    turn_camera(session_id=session_id, direction="back")
    ego = render_ego_rgb(session_id=session_id)
    useful_observation = [ego]
    return useful_observation
```

The rendered view shows the answer.
