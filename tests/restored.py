"""The figures of a protocol unlike today's: with units, without upper limits, and some better when they are lower."""

from datasets.evaluation.figures import Figure

RESTORED = (
    Figure("psnr", "PSNR", "dB", range=(0, None), digits=2, help="peak signal-to-noise ratio", headline=True),
    Figure("ssim", "SSIM", help="structural similarity", headline=True),
    Figure("lpips", "LPIPS", better="lower", help="learned perceptual distance", headline=True),
    Figure("fid", "FID", better="lower", range=(0, None), digits=1, help="Fréchet distance", headline=True),
    Figure("hota", "HOTA", help="higher order tracking accuracy", headline=True),
    Figure("switches", "ID switches", better="lower", range=(0, None), digits=0, help="changes of identity",
           headline=True),
)  # fmt: skip
