"""Access control: the key of the workspace, the token of a launch, the password, the page that asks for them."""
