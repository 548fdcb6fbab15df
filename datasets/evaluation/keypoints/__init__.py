"""The scores of key points, by object keypoint similarity (OKS)."""
