"""What people type at the desk, and the filters of the lists."""
