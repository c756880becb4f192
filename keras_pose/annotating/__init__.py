"""Labels for unlabelled video, made by a teacher: any net that finds joints and says how sure it is of them."""
