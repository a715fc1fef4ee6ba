@payments @pci-6.2.4 @cwe-841 @cwe-362 @asvs-V2.3.1 @wstg-BUSL-06
Feature: An order is called off at PayPal by not taking its money

  PayPal has no call that cancels an order which waits for its buyer. The page stays open, and the buyer may approve what
  the shop has long called off.

  @critical @defect-M09 @defect-F05 @simulator-only
  Scenario: What is approved after the order was called off is not taken
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay on the provider's page
    When the shopper cancels the order
    And the shopper pays at the provider with a Visa card
    Then the order stays cancelled
    And the provider counts 0 captures
    And nothing is fulfilled

  @critical @defect-M09 @defect-W27 @simulator-only
  Scenario: An order that was called off before the news of its approval stays called off
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the shopper cancels the order
    And the held events arrive
    And the shopper comes back to the shop
    Then the order stays cancelled
    And the provider counts 0 captures
    And nothing is fulfilled
    And the books show no movement
