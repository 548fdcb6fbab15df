"""What makes the other rooms fast: memos, compiled code, pools of processes, the garbage collector."""
