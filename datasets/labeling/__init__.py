"""What the labeler needs beside saved labels: its queue, class edits, proposals, orders, agreement."""
