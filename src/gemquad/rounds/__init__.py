"""The loop: agreement with the weak labeler makes silver, the stop rule ends it, the dev score picks the best round."""
