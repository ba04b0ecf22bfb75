//! server: assembly: mounts every room.
