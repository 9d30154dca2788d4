"""Runs COLMAP's incremental mapper through pycolmap: photos in; undistorted photos, model and matches out.

Argument: a file with one JSON object. Writes into its `work` folder, prints one JSON object a line: progress, notes and at
last a summary. What COLMAP itself logs goes to standard error.
"""

import json
import os
import sys
from pathlib import Path


def say(**fields):
    print(json.dumps(fields), flush=True)


def main():
    given = json.loads(Path(sys.argv[1]).read_text())
    import pycolmap

    pycolmap.set_random_seed(0)
    work, photos = Path(given["work"]), Path(given["photos"])
    names, threads = given["names"], given["threads"]
    database = work / "database.db"

    say(stage="features", done=0, total=len(names))
    reading = pycolmap.ImageReaderOptions()
    reading.camera_model = given["camera_model"]
    extraction = pycolmap.FeatureExtractionOptions()
    extraction.max_image_size = given["max_image_size"]
    extraction.num_threads = threads
    extraction.use_gpu = False
    extraction.sift.max_num_features = given["max_features"]
    mode = pycolmap.CameraMode.SINGLE if given["single_camera"] else pycolmap.CameraMode.AUTO
    pycolmap.extract_features(
        database_path=database,
        image_path=photos,
        image_names=names,
        camera_mode=mode,
        reader_options=reading,
        extraction_options=extraction,
        device=pycolmap.Device.cpu,
    )

    say(stage="matches", done=0, total=0)
    matching = pycolmap.FeatureMatchingOptions()
    matching.num_threads = threads
    matching.use_gpu = False
    if given["matching"] == "sequential":
        pairing = pycolmap.SequentialPairingOptions()
        pairing.overlap = given["overlap"]
        pairing.quadratic_overlap = True
        pycolmap.match_sequential(
            database_path=database,
            matching_options=matching,
            pairing_options=pairing,
            device=pycolmap.Device.cpu,
        )
    else:
        pycolmap.match_exhaustive(
            database_path=database, matching_options=matching, device=pycolmap.Device.cpu
        )

    best = None
    for relaxed in (False, True):
        say(stage="mapping", relaxed=relaxed, done=0, total=len(names))
        options = pycolmap.IncrementalPipelineOptions()
        options.min_model_size = 2
        options.num_threads = threads
        options.random_seed = 0
        options.extract_colors = True
        if relaxed:
            options.mapper.init_min_tri_angle = 4.0
            options.mapper.init_max_forward_motion = 1.0
            options.mapper.init_min_num_inliers = 50
        sparse = work / ("sparse-relaxed" if relaxed else "sparse")
        sparse.mkdir(exist_ok=True)
        models = pycolmap.incremental_mapping(
            database_path=database, image_path=photos, output_path=sparse, options=options
        )
        for index in sorted(models):
            model = models[index]
            key = (model.num_reg_images(), model.num_points3D())
            say(note="model", relaxed=relaxed, photos=key[0], points=key[1])
            if best is None or key > best[0]:
                best = (key, model, relaxed)
        if best is not None and 2 * best[0][0] > len(names):
            break
    if best is None:
        say(summary=True, registered=0, points=0, relaxed=True, version=pycolmap.__version__)
        return

    (registered, points), model, relaxed = best
    say(stage="undistorting", done=0, total=registered)
    chosen = work / "chosen"
    chosen.mkdir(exist_ok=True)
    model.write(chosen)
    pycolmap.undistort_images(
        output_path=work / "undistorted",
        input_path=chosen,
        image_path=photos,
        num_threads=threads,
        jpeg_quality=95,
    )

    # Matches verified by two-view geometry alone, by the numbers of their features.
    kept = {i.image_id for i in model.images.values() if i.has_pose}
    with pycolmap.Database.open(database) as db, open(work / "pairs.tmp", "w") as out:
        pair_ids, geometries = db.read_two_view_geometries()
        for pair, geometry in zip(pair_ids, geometries):
            a, b = pycolmap.pair_id_to_image_pair(pair)
            matches = geometry.inlier_matches
            if a in kept and b in kept and len(matches) > 0:
                out.write(f"{a} {b} {len(matches)}\n")
                out.writelines(f"{m[0]} {m[1]}\n" for m in matches)
    os.replace(work / "pairs.tmp", work / "pairs.txt")
    say(
        summary=True,
        registered=registered,
        points=points,
        relaxed=relaxed,
        version=pycolmap.__version__,
    )


main()
