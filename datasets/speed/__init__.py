"""What makes the rest quick: memos, compiled code, pools of processes, the garbage collector."""
