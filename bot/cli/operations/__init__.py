"""What the commands do: each operation with its checks, without Click."""
