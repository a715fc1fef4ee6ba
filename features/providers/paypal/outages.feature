@resilience @pci-6.2.4 @cwe-755 @asvs-V16.5.3
Feature: An approval outlives an outage of the shop

  Nobody can pay a shop that is down, but everybody can approve: PayPal's page does not need it. The approval is good for
  hours, and the money is there for whoever comes back in time to take it.

  @high @defect-L03 @defect-W28 @simulator-only @launched
  Scenario: The shop was down when the buyer approved, and PayPal delivers again
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay on the provider's page
    When the shop goes down
    And the shopper pays at the provider with a Visa card
    And the shop comes back
    And 2 hours pass
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 capture
    And the books balance and agree with the provider

  @high @defect-L03 @simulator-only @launched
  Scenario: The shop was down for too long, and reconciliation finds the approval
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay on the provider's page
    When the shop goes down
    And the shopper pays at the provider with a Visa card
    And the provider gives up delivering
    And the shop comes back
    And the operator reconciles with the provider
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 capture
    And the books balance and agree with the provider
