"""The one training core: what every torch trainer shares. A task brings its model, its batches, losses and figures."""
