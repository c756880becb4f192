"""Real clips whose joints are labelled in every frame, and how far their joints end from the labels along flow."""
