from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets.errors import ThumbnailError
from datasets.images import pixels, videos
from datasets.showing import thumbnails
from datasets.workspace import Workspace


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Five frames of 64 x 48 pixels, each brighter than the one before."""
    path = tmp_path / "film.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10.0, (64, 48))
    for number in range(5):
        writer.write(np.full((48, 64, 3), 20 + 40 * number, np.uint8))
    writer.release()
    return path


def test_a_video_tells_its_size_and_gives_its_frames(film: Path) -> None:
    assert videos.about(film) == videos.About(64, 48, 10.0, 5)
    means = [frame.mean() for frame in videos.frames(film)]
    assert means == pytest.approx([20, 60, 100, 140, 180], abs=4)
    assert videos.first_frame(film).mean() == pytest.approx(20, abs=4)


def test_what_is_no_video_is_never_given_to_a_decoder(tmp_path: Path) -> None:
    playlist = tmp_path / "list.mp4"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n")
    assert not videos.is_video(playlist)
    with pytest.raises(OSError, match="expected a video, found none"):
        videos.about(playlist)


def test_a_cut_video_gives_no_frame_in_words(tmp_path: Path, film: Path, workspace: Workspace) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(film.read_bytes()[:200])
    with pytest.raises(OSError, match="expected a video"):
        videos.first_frame(cut)
    with pytest.raises(ThumbnailError, match="expected a video"):
        thumbnails.thumbnail(cut, 32)


def test_videos_of_too_many_pixels_are_refused(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "most_pixels", lambda: 1000)
    with pytest.raises(pixels.TooLarge, match="megapixels"):
        videos.first_frame(film)


def test_the_picture_of_a_video_is_its_first_frame(film: Path, workspace: Workspace) -> None:
    small = cv2.imread(str(thumbnails.thumbnail(film, 32)))
    assert small is not None and small.shape == (24, 32, 3)
    assert small.mean() == pytest.approx(20, abs=4)
    whole = cv2.imread(str(thumbnails.displayable(film)))
    assert whole is not None and whole.shape == (48, 64, 3)
