"""Projects of DeepLabCut; `project.read` reads them."""
